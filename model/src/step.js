export {};
//# sourceMappingURL=step.js.map