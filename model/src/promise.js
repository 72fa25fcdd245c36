export {};
//# sourceMappingURL=promise.js.map