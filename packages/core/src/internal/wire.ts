/** The names that the fields of a webhook have on the wire, written once. */
export const wireNames = {
  id: "id",
  name: "name",
  mode: "mode",
  uri: "uri",
  datasetId: "ds_id",
  origins: "origins",
  secret: "secret"
} as const
