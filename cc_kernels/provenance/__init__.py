"""Where a result comes from: hashes of sources, models and parameters, and the attributes that record them."""

from cc_kernels.provenance.hashes import edited_since_loaded, hash_of, source_digests, source_hash
from cc_kernels.provenance.stamps import content_hash, dataset_attributes, file_checksum

__all__ = [
    "content_hash",
    "dataset_attributes",
    "edited_since_loaded",
    "file_checksum",
    "hash_of",
    "source_digests",
    "source_hash",
]
