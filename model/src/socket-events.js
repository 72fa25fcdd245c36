export {};
//# sourceMappingURL=socket-events.js.map