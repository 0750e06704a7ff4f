/** The names of a webhook's fields on the wire. */
export const wireNames = {
  id: "id",
  name: "name",
  mode: "mode",
  uri: "uri",
  datasetId: "ds_id",
  origins: "origins",
  secret: "secret"
} as const
