/** The most memory that an audit may hold, in MB. */
export const PEAK_MB = 160
