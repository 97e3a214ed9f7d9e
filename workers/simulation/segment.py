"""The traces from one look of a campaign to the next, of the parts that were stored: as a whole, or block by block."""

from functools import cached_property

from stores.ports import Files
from workers.simulation import part as parts
from workers.simulation.inputs import GROUPS
from workers.simulation.moments import PowerSums
from workers.simulation.part import Part
from workers.simulation.plan import CampaignPlan
from workers.simulation.power import SamplePlan
from workers.simulation.settle import empty_sums, settler_of


class Segment:
    """Traces whose parts are all there; whatever reads one that is not raises NotFound."""

    def __init__(
        self, campaign: str, plan: CampaignPlan, sampled: SamplePlan, files: Files, *, index: int = 0, threads: int = 1
    ) -> None:
        """Stand for the traces before look `index` and behind the one before."""
        self.campaign, self.plan, self.sampled, self.files, self.index = campaign, plan, sampled, files, index
        self._settler = settler_of(plan, sampled)
        self._threads = threads

    @cached_property
    def outline(self) -> Part:
        """Return what the parts say of their traces, without the samples that noise by law takes out of range."""
        if self._settler is not None:
            return self._counted.outline()
        whole = Part.empty(*self.plan.segments()[self.index], PowerSums(GROUPS, 0))
        for cut in self.plan.cuts(self.index):
            whole.merge(parts.outline(self.files.path(self.campaign, parts.sums_name(*cut))))
        return whole

    def block(self, number: int, span: slice) -> tuple[PowerSums, int]:
        """Return the sums of a block of samples, and how many of these noise by law takes out of range."""
        if self._settler is not None:
            tallies = [self._counted.tally]
            return self._settler.block(tallies, span, segment=self.index, threads=self._threads)
        sums = PowerSums(GROUPS, span.stop - span.start)
        sums.counts += self.outline.power.counts
        for cut in self.plan.cuts(self.index):
            sums.sums += parts.block(self.files.path(self.campaign, parts.sums_name(*cut)), number)
        return sums, 0

    def whole(self) -> Part:
        """Return all of it, with the sums of all samples."""
        if self._settler is None:
            return self._counted
        folder = self.files.folder(self.campaign)
        return self._settler.settled(self._counted, segment=self.index, threads=self._threads, folder=folder)

    @cached_property
    def _counted(self) -> Part:
        """Return the sum of all parts as they are."""
        folder = self.files.folder(self.campaign)
        whole = Part.empty(*self.plan.segments()[self.index], empty_sums(self._settler, self.sampled, folder=folder))
        for cut in self.plan.cuts(self.index):
            parts.add(whole, self.files.path(self.campaign, parts.sums_name(*cut)))
        return whole
