using Qi.Actors.Platform;

namespace Qi.Actors.Workloads.Savina;

/// <summary>
/// Money that goes from one account to a later one, so that waiting for the later one's reply never closes a circle.
/// </summary>
internal readonly record struct Transfer(int From, int To, long Amount);

/// <summary>The transfers of a round, the same in all of them, and what they make of the balances.</summary>
internal static class Transfers
{
    public const int Accounts = 1000;
    public const long InitialBalance = 1_000_000_000_000;

    private const int MostAmount = 100_000; // cents
    private const int LastPayer = Accounts / 10 * 8;
    private const ulong Seed = 123456;

    public static IEnumerable<Transfer> Make(int count)
    {
        var random = new Rng(Seed);
        for (int i = 0; i < count; i++)
        {
            int from = (int)random.Below(LastPayer);
            int to = from + Math.Max(1, (int)random.Below((uint)(Accounts - from)));
            yield return new Transfer(from, to, random.Below(MostAmount));
        }
    }

    /// <summary>A number that changes when a cent is lost, or is in another account.</summary>
    public static long Digest(IEnumerable<long> balances)
        => balances.Select(static (balance, account) => (account + 1) * balance).Sum();

    /// <summary>The digest after so many transfers.</summary>
    public static long DigestAfter(int count)
    {
        long[] balances = new long[Accounts];
        Array.Fill(balances, InitialBalance);
        foreach (var (from, to, amount) in Make(count))
        {
            balances[from] -= amount;
            balances[to] += amount;
        }

        return Digest(balances);
    }
}
