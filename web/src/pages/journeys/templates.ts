export const TEMPLATES = { welcome: 1, winBack: 2 };
