export const directLine = () => ({});
