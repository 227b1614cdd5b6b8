/** Kept pipelines, as JSON: the routes give YAML too. */
import { api, asked, type Schemas } from "./api";

export type PipelineEntry = Schemas["PipelineEntry"];

export async function entryOf(slug: string): Promise<PipelineEntry> {
  return (await asked(api.GET("/pipelines/{slug}", { params: { path: { slug } } }))) as PipelineEntry;
}
