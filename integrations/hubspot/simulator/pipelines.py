"""Reading pipelines and stages."""

from integrations.simulation.messages import Request, Response

from .errors import NOT_FOUND, ApiError
from .kinds import kind_of
from .pipeline_shapes import Pipeline
from .portal import Portal
from .scopes import schema_scopes


def read_all(portal: Portal, _request: Request, object_type: str) -> Response:
    return Response({"results": _of(portal, object_type)})


def read_one(portal: Portal, _request: Request, object_type: str, pipeline_id: str) -> Response:
    return Response(_find(portal, object_type, pipeline_id))


def read_stages(portal: Portal, _request: Request, object_type: str, pipeline_id: str) -> Response:
    return Response({"results": _find(portal, object_type, pipeline_id)["stages"]})


def read_stage(portal: Portal, _request: Request, object_type: str, pipeline_id: str, stage_id: str) -> Response:
    found = [one for one in _find(portal, object_type, pipeline_id)["stages"] if one["id"] == stage_id]
    if not found:
        raise ApiError(f"Stage {stage_id} does not exist in pipeline {pipeline_id}", 404, NOT_FOUND)
    return Response(found[0])


def _of(portal: Portal, object_type: str) -> list[Pipeline]:
    kind = kind_of(object_type)
    portal.require((*kind.may("read"), *schema_scopes(kind.scope, "read")))
    return portal.pipelines(kind.name)


def _find(portal: Portal, object_type: str, pipeline_id: str) -> Pipeline:
    for one in _of(portal, object_type):
        if one["id"] == pipeline_id:
            return one
    raise ApiError(f"Pipeline {pipeline_id} does not exist", 404, NOT_FOUND)
