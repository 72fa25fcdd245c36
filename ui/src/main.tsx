import { CSPProvider } from '@base-ui/react/csp-provider';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import './theme/tokens.css';
import './theme/base.css';
import { queryClient } from './api/query-client.js';
import { live } from './live/connection.js';
import { NowProvider } from './part/time.js';
import { router } from './router.js';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html lacks the element with id "root"');

live.connect();
createRoot(root).render(
  <StrictMode>
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={queryClient}>
        <NowProvider>
          <RouterProvider router={router} />
        </NowProvider>
      </QueryClientProvider>
    </CSPProvider>
  </StrictMode>,
);
