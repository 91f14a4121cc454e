"""An image for several platforms, as an archive that an engine loads."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile

from tests.support.busybox_image import image_archive, static_busybox

_OCI = "application/vnd.oci.image"


def platform_image(reference: str, *architectures: str) -> bytes:
    """Return an OCI archive of an image with the same files for each architecture.

    Nobody can run what is in it on a machine that it is not for; to make containers
    from it is another matter.
    """
    blobs: dict[str, bytes] = {}

    def add(content: bytes, kind: str) -> dict[str, object]:
        digest = hashlib.sha256(content).hexdigest()
        blobs[f"blobs/sha256/{digest}"] = content
        return {
            "mediaType": f"{_OCI}.{kind}",
            "digest": f"sha256:{digest}",
            "size": len(content),
        }

    layer = image_archive(static_busybox())
    described = add(layer, "layer.v1.tar")
    manifests = []
    for architecture in architectures:
        platform = {"os": "linux", "architecture": architecture}
        config = add(
            json.dumps(
                {
                    **platform,
                    "config": {"Env": [f"BUILT_FOR={architecture}"]},
                    "rootfs": {"type": "layers", "diff_ids": [described["digest"]]},
                }
            ).encode(),
            "config.v1+json",
        )
        manifest = {"schemaVersion": 2, "config": config, "layers": [described]}
        kind = "manifest.v1+json"
        manifest["mediaType"] = f"{_OCI}.{kind}"
        added = add(json.dumps(manifest).encode(), kind)
        manifests.append({**added, "platform": platform})
    index = {
        "schemaVersion": 2,
        "mediaType": f"{_OCI}.index.v1+json",
        "manifests": manifests,
    }
    whole = add(json.dumps(index).encode(), "index.v1+json")
    named = {"io.containerd.image.name": f"docker.io/library/{reference}"}
    top = {"schemaVersion": 2, "manifests": [{**whole, "annotations": named}]}
    blobs["index.json"] = json.dumps(top).encode()
    blobs["oci-layout"] = b'{"imageLayoutVersion": "1.0.0"}'
    return _archive(blobs)


def _archive(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
