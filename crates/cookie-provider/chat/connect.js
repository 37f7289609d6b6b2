export const amazonConnect = () => ({});
