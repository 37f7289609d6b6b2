export const servisBot = () => ({});
