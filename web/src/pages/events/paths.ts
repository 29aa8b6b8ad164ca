/** Where one event name is shown; names may hold anything, so they are no part of a path. */
export const eventPath = (name: string) => `/events/one?name=${encodeURIComponent(name)}`;
