"""Publication: what may be shown of a zone without showing one enterprise."""
