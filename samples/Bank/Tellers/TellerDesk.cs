using Qi.Actors;

namespace Bank.Tellers;

/// <summary>Finds the tellers.</summary>
internal sealed class TellerDesk(ActorSystem system, int count)
{
    private readonly Lazy<ActorRef<TellerMessage>[]> _tellers = new(
        () => [.. Enumerable.Range(0, count).Select(number => system.Get<TellerMessage>(NameOf(number)))]);

    public IReadOnlyList<ActorRef<TellerMessage>> All => _tellers.Value;

    /// <summary>A transfer's id leads to the same teller each time, who remembers whether it was made.</summary>
    public ActorRef<TellerMessage> For(Guid transfer) => All[(int)((uint)transfer.GetHashCode() % (uint)count)];

    public static string NameOf(int number) => $"teller-{number}";
}
