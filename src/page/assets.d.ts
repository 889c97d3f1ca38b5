/** The build makes one style of all of them. */
declare module '*.css';
