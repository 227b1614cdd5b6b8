"""Trained models: kept in versions, judged before they serve, and followed by the services that use them."""
