namespace Qi.Actors.Model.Mutants;

/// <summary>Every mutant. Each must be caught by a scenario of its protocol.</summary>
internal static class MutantList
{
    public static IReadOnlyList<Mutant> All { get; } =
    [
        .. CoroutineMutants.All, .. AskMutants.All, .. StopMutants.All,
        .. CollectionMutants.All, .. MailboxMutants.All, .. OfferMutants.All, .. SleepMutants.All, .. ReadinessMutants.All, .. IoSourceMutants.All, .. BufferMutants.All,
    ];
}
