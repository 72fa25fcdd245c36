import { z } from 'zod';

export const reloadBody = z.object({
  force: z
    .boolean()
    .optional()
    .meta({ description: 'Stitch everything anew, though nothing changed' }),
});
