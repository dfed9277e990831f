/** The one apiVersion of all our files. */
export const apiVersion = "orkestra.orkspace.io/v1"

/** The apiVersion of the oldest published layout, read as ours. */
export const oldApiVersion = "orkestra.konductor.io/v1Alpha"
