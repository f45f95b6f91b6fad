"""Ids here ⇄ ids there, from the rows of RemoteObject."""

from coach.storage.leancloud.records import Broken, NotMirroredYet, Refs
from coach.storage.models import RemoteObject


class StoredRefs(Refs):
    """Looks ids up and remembers them for as long as it lives (one batch, one pull)."""

    def __init__(self) -> None:
        self._remote: dict[tuple[str, str], str] = {}
        self._local: dict[tuple[str, str], str] = {}

    def remote(self, class_name: str, record_id: str) -> str:
        key = (class_name, record_id)
        if key not in self._remote:
            found = (
                RemoteObject.objects.filter(class_name=class_name, record_id=record_id).exclude(object_id="").first()
            )
            if found is None:
                raise NotMirroredYet(class_name, record_id)
            self._remote[key] = found.object_id
        return self._remote[key]

    def local(self, class_name: str, object_id: str) -> str:
        key = (class_name, object_id)
        if key not in self._local:
            found = RemoteObject.objects.filter(class_name=class_name, object_id=object_id).first()
            if found is None:
                raise Broken(f"refers to a {class_name} that is not there")
            self._local[key] = found.record_id
        return self._local[key]

    def learn(self, class_name: str, record_id: str, object_id: str) -> None:
        self._remote[class_name, record_id] = object_id
        self._local[class_name, object_id] = record_id
