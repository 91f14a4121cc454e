"""A plan and its outcome as JSON: ``nstui/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.render.document import SCHEMA, iso_time

if TYPE_CHECKING:
    from nstui.model.healing import OwnerChoice, Recreation
    from nstui.model.outcome import Outcome
    from nstui.model.plan import Plan
    from nstui.model.restoration import Restoration
    from nstui.model.step import Effect, Step


def plan_document(plan: Plan, outcome: Outcome | None = None) -> dict[str, object]:
    """Return a plan with its outcome; null if it was not carried out."""
    return {
        "schema": SCHEMA,
        "action": plan.request.action.value,
        "policy": plan.request.policy.value,
        "targets": [target.id for target in plan.targets],
        "breaks": plan.breaks,
        "effects": [_effect(effect) for effect in plan.effects],
        "steps": [_step(step) for step in plan.steps],
        "dark_ports": [str(port) for port in plan.dark_ports],
        "kept": [
            {
                "container": kept.container,
                "name": kept.name,
                "needed_by": list(kept.needed_by),
                "managed_by": kept.managed_by or None,
            }
            for kept in plan.kept
        ],
        "recovery": [_step(step) for step in plan.recovery],
        "recreations": [_recreation(item) for item in plan.recreations],
        "choices": [
            {
                "gone": choice.gone,
                "name": choice.gone_name,
                "needed_by": list(choice.needed_by),
                "fits": choice.fits,
                "candidates": _candidates(choice),
            }
            for choice in plan.choices
        ],
        "unhealed": [
            {
                "container": unhealed.container,
                "name": unhealed.name,
                "reason": unhealed.reason,
                "needs_decision": unhealed.needs_decision,
            }
            for unhealed in plan.unhealed
        ],
        "notes": list(plan.notes),
        "interruptions": [
            {"container": item.container, "message": item.message}
            for item in plan.interruptions
        ],
        "uncertain": list(plan.uncertain),
        "managed": list(plan.managed),
        "unplaced": list(plan.unplaced),
        "namespaces_read": plan.namespaces_read.value,
        "blind_spots": list(plan.blind_spots),
        "outsiders": _outsiders(plan),
        "objections": list(plan.objections),
        "restoration": _restoration(plan.restoration),
        "outcome": None if outcome is None else _outcome(outcome),
    }


def _restoration(one: Restoration | None) -> dict[str, object] | None:
    if one is None:
        return None
    return {
        "container": one.container,
        "name": one.name,
        "image": one.image,
        "removed_at": iso_time(one.removed_at),
        "starts": one.starts,
        "owners": [{"name": name, "why": why or None} for name, why in one.owners],
        "emptied": list(one.emptied),
        "left_out": list(one.left_out),
        "undecided": [
            {"sentence": missing.sentence, "option": missing.option}
            for missing in one.undecided
        ],
        "compose": one.compose or None,
        "command": one.command or None,
        "left_behind": list(one.left_behind),
    }


def _outcome(outcome: Outcome) -> dict[str, object]:
    return {
        "done": [_step(step) for step in outcome.done],
        "failed": [
            {
                "step": _step(failure.step),
                "reason": failure.reason,
                "aftermath": failure.aftermath.name.lower(),
            }
            for failure in outcome.failed
        ],
        "left": [
            {"step": _step(left.step), "needed": left.needed, "now": left.now or None}
            for left in outcome.left
        ],
        "remarks": list(outcome.remarks),
    }


def _outsiders(plan: Plan) -> list[dict[str, object]] | None:
    if plan.outsiders is None:
        return None
    return [
        {
            "pid": outsider.pid,
            "command": outsider.command,
            "kinds": [kind.value for kind in outsider.kinds],
            "owner": outsider.owner,
            "container": outsider.container,
        }
        for outsider in plan.outsiders
    ]


def _candidates(choice: OwnerChoice) -> list[dict[str, object]]:
    reasons = choice.why or ("",) * len(choice.candidates)
    return [
        {"container": container, "name": name, "why": why}
        for (container, name), why in zip(choice.candidates, reasons, strict=True)
    ]


def _effect(effect: Effect) -> dict[str, object]:
    return {
        "container": effect.container,
        "name": effect.name,
        "kind": effect.kind.value,
        "via": effect.via,
        "now": effect.now.value,
        "later": effect.later.value,
        "sentence": effect.sentence,
        "harms": effect.harms,
        "known_by": effect.known_by.value,
        "declared": effect.is_declared,
        "certain": effect.is_certain,
    }


def _recreation(recreation: Recreation) -> dict[str, object]:
    changes = recreation.changes
    return {
        "container": recreation.container,
        "name": recreation.name,
        "owner": recreation.owner,
        "left_out": list(recreation.left_out),
        "changes": None if changes is None else list(changes),
        "needs_decision": recreation.loses_layer,
        "is_one_way": recreation.is_one_way,
        "compose_refused": recreation.compose_refused or None,
        "compose_changes": list(recreation.compose_changes),
        "image": recreation.image or None,
        "variables": list(recreation.variables),
    }


def _step(step: Step) -> dict[str, object]:
    known: dict[str, object] = {
        "verb": step.verb.value,
        "container": step.container,
        "name": step.name,
    }
    if step.joins:
        known["joins"] = [
            {"kind": join.kind.value, "reference": join.reference}
            for join in step.joins
        ]
    if step.command:
        known["command"] = list(step.command)
    if step.network:
        known["network"] = step.network
    if step.needs:
        known["needs"] = list(step.needs)
    if step.health is not None:
        known |= {"timeout": step.timeout, "health": step.health.value}
    if step.trial:
        known["trial"] = step.trial
    if step.files:
        known["files"] = list(step.files)
    if step.image:
        known["image"] = step.image
    known |= {key: True for key in ("keeps_old", "is_old") if getattr(step, key)}
    if step.is_required:
        known |= {"timeout": step.timeout, "is_required": True}
    return known
