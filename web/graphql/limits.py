"""What a query may cost, counted before anything is read: tokens, aliases, depth, and the fields that its answer may have."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)
from graphql.pyutils import Undefined

from web.refusals import FieldError, InvalidQuery, QueryTooCostly

MAX_TOKENS = 1000
MAX_ALIASES = 30
MAX_DEPTH = 10
MAX_COST = 10_000
MOST = 100
"""Items of a page."""
MOST_LEVELS = 100
"""Campaigns of a sweep: of a larger batch it is not even asked whether it is one."""
WEIGHTS = dict.fromkeys(
    [("Campaign", "report"), ("Job", "profile"), ("Job", "calibration"), ("Campaign", "sweep"), ("Query", "sweep")], 200
)
"""Fields that cost more than others: a report is a file of some megabytes, a sweep as many as `MOST_LEVELS` records."""
ITEM_WEIGHTS = {("Query", "sweeps"): 200}
"""Fields whose every item does, whatever is asked of it."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What a part of a query costs, and how deep it is."""

    cost: int = 0
    depth: int = 0

    def beside(self, other: "Weight") -> "Weight":
        """Return the weight of both parts."""
        return Weight(self.cost + other.cost, max(self.depth, other.depth))


@dataclass(slots=True)
class _Scale:
    """Weighs a valid document: its fragments end, and its fields are there."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]
    defaults: Mapping[str, Any]
    weighed: dict[str, Weight] = field(default_factory=dict)
    """Fragments, each weighed once however often it is spread."""

    def selections(self, node: SelectionSetNode | None, parent: Any) -> Weight:
        total = Weight()
        for part in node.selections if node is not None else ():
            if isinstance(part, FieldNode):
                total = total.beside(self.one(part, parent))
            elif isinstance(part, FragmentSpreadNode):
                total = total.beside(self.fragment(part.name.value))
            elif isinstance(part, InlineFragmentNode):
                condition = part.type_condition
                inner = parent if condition is None else self.schema.get_type(condition.name.value)
                total = total.beside(self.selections(part.selection_set, inner))
        return total

    def fragment(self, name: str) -> Weight:
        if name not in self.weighed:
            definition = self.fragments[name]
            inner = self.schema.get_type(definition.type_condition.name.value)
            self.weighed[name] = self.selections(definition.selection_set, inner)
        return self.weighed[name]

    def one(self, node: FieldNode, parent: Any) -> Weight:
        name = node.name.value
        if name.startswith("__"):
            # Descriptions of the schema: bounded by its size, and how deep they go by a rule of the standard.
            return Weight(cost=1, depth=1)
        declared = parent.fields.get(name) if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType) else None
        inner = self.selections(node.selection_set, None if declared is None else get_named_type(declared.type))
        times = 1 if declared is None else self.times(node, declared)
        own = 1 if declared is None else WEIGHTS.get((parent.name, name), 1)
        each = 0 if declared is None else ITEM_WEIGHTS.get((parent.name, name), 0)
        return Weight(own + times * (each + inner.cost), 1 + inner.depth)

    def times(self, node: FieldNode, declared: GraphQLField) -> int:
        """Return how many items a page has at most; raise InvalidQuery for a number that no page has."""
        if "first" not in declared.args:
            return 1
        given: Any = declared.args["first"].default_value
        for argument in node.arguments or ():
            if argument.name.value == "first" and isinstance(argument.value, IntValueNode):
                given = int(argument.value.value)
            elif argument.name.value == "first" and isinstance(argument.value, VariableNode):
                named = argument.value.name.value
                given = self.variables.get(named, self.defaults.get(named, given))
        if given is Undefined or not isinstance(given, int) or isinstance(given, bool) or not 1 <= given <= MOST:
            raise InvalidQuery([FieldError("query", f"`first` of `{node.name.value}` is a number from 1 to {MOST}.")])
        return given


def weigh(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any]
) -> Weight:
    """Return what a valid operation costs; raise QueryTooCostly if that is too much, InvalidQuery for odd pages."""
    fragments = {part.name.value: part for part in document.definitions if isinstance(part, FragmentDefinitionNode)}
    defaults = {
        definition.variable.name.value: int(definition.default_value.value)
        for definition in operation.variable_definitions or ()
        if isinstance(definition.default_value, IntValueNode)
    }
    scale = _Scale(schema, fragments, variables, defaults)
    weight = scale.selections(operation.selection_set, schema.query_type)
    if weight.depth > MAX_DEPTH:
        raise QueryTooCostly(
            f"The query is {weight.depth} fields deep; at most {MAX_DEPTH} are answered.", field="query"
        )
    if weight.cost > MAX_COST:
        why = f"The answer may have {weight.cost} fields; at most {MAX_COST} are answered. Ask for smaller pages."
        raise QueryTooCostly(why, field="query")
    return weight
