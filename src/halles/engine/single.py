"""One service, called alone, is a pipeline of one step."""

from halles.model import INPUTS, Pipeline, PipelineInput, ServiceSpec, Step

CALL = "call"
"""The id of the step, and the prefix of the pipeline's id, when one service is called alone."""


def single(spec: ServiceSpec) -> Pipeline:
    """The pipeline of one service: its ports are the pipeline's inputs and outputs."""
    inputs = {
        port.name: PipelineInput(
            media=port.media[0], description=port.description, optional=port.optional, many=port.many,
            schema=port.json_schema,
        )
        for port in spec.inputs
    }  # fmt: skip
    step = Step(id=CALL, service=spec.slug, inputs={name: f"{INPUTS}.{name}" for name in inputs})
    outputs = {port.name: f"{CALL}.{port.name}" for port in spec.outputs}
    return Pipeline(id=f"{CALL}-{spec.slug}", name=spec.name, inputs=inputs, outputs=outputs, steps=(step,))
