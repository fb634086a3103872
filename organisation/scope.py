"""The door to what a person's grants reach; below it the models, which ask the same."""

from organisation.models.scope import NOTHING, Held, Scope, scope_of

__all__ = ["NOTHING", "Held", "Scope", "scope_of"]
