// What browsers of 2020 lack of the language itself (docs/decisions/0031). The build puts it before all else
// in every bundle: syntax it writes out by itself, functions it does not.

Object.hasOwn ??= (holder, name) => Object.getOwnPropertyDescriptor(holder, name) !== undefined;

if (!("at" in Array.prototype)) {
  Object.defineProperty(Array.prototype, "at", {
    configurable: true,
    writable: true,
    value(this: readonly unknown[], index: number) {
      return this[index < 0 ? this.length + index : index];
    },
  });
}
