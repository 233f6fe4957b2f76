"""What the student is taught: to lie where the teacher lies, and to have the neighbours the teacher has.

The other objective, telling a fitting call from its neighbours, is sentence-transformers' own
``MultipleNegativesRankingLoss``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the name the whole field uses
from sentence_transformers.sentence_transformer.losses import EmbedDistillLoss
from torch import Tensor

# Temperature of the similarity rows: cosines of .05 apart differ by a factor of e.
TEMPERATURE = 0.05
_NEVER = -1e4


class SpaceLoss(EmbedDistillLoss):
    """Squared distance to the teacher's vectors, and divergence between rows of similarities.

    For unit vectors e of the student and t of the teacher (Reimers & Gurevych 2020 for the distance,
    Tejankar et al. 2021 for the rows)::

        mean_i |e_i - t_i|²  +  rows · mean_i KL( softmax_j t_i·t_j / τ  ||  softmax_j e_i·e_j / τ )
                             +  match · mean_i CE( i ; softmax_j e_i·t_j / τ )

    The second term leaves out j = i; the third asks that the teacher's own vector of the text (or of its
    English original) is nearer than those of the other texts of the batch.

    Parameters
    ----------
    model : SentenceTransformer
    rows, match : float
        Weights of the second and third term.
    """

    def __init__(self, model: Any, rows: float = 0.5, match: float = 0.0) -> None:
        super().__init__(model, distance_metric="l2")
        self.rows = rows
        self.match = match

    def forward(self, sentence_features: Iterable[dict[str, Tensor]], labels: Tensor | None) -> Tensor:
        """Return the loss of one batch: labels of shape (batch, dimension)."""
        if labels is None:
            raise ValueError("found no labels; expected the teacher's vectors")
        goal = labels.float()
        losses = []
        for features in sentence_features:
            vectors = F.normalize(self.model(features)["sentence_embedding"].float(), dim=-1)
            loss = ((vectors - goal) ** 2).sum(dim=1).mean()
            if self.rows and len(goal) > 1:
                loss = loss + self.rows * row_divergence(vectors, goal)
            if self.match and len(goal) > 1:
                own = torch.arange(len(goal), device=goal.device)
                loss = loss + self.match * F.cross_entropy(vectors @ goal.T / TEMPERATURE, own)
            losses.append(loss)
        return torch.stack(losses).mean()


def row_divergence(vectors: Tensor, goal: Tensor) -> Tensor:
    """Return the mean divergence of the rows of similarities, each text's own left out.

    Parameters
    ----------
    vectors, goal : Tensor of shape (batch, dimension)
        Unit vectors of student and teacher.

    Returns
    -------
    Tensor of shape ()
        0 when both have the same similarities, whatever the directions.

    Examples
    --------
    >>> goal = F.normalize(torch.tensor([[1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]), dim=1)
    >>> turned = goal @ torch.tensor([[0.0, 1.0], [-1.0, 0.0]])
    >>> abs(round(row_divergence(turned, goal).item(), 4))
    0.0
    >>> row_divergence(goal.flip(0).roll(1, 0), goal).item() > 1
    True
    """
    own = torch.eye(len(goal), dtype=torch.bool, device=goal.device)
    teacher = (goal @ goal.T / TEMPERATURE).masked_fill(own, _NEVER)
    student = (vectors @ vectors.T / TEMPERATURE).masked_fill(own, _NEVER)
    return F.kl_div(F.log_softmax(student, dim=1), F.softmax(teacher, dim=1), reduction="batchmean")
