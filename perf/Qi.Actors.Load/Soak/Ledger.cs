// The accounts of one episode. Every message that is sent gets exactly one fate; so a lost one is missing in the sum, and one that is
// delivered twice is caught when its second fate comes.

namespace Qi.Actors.Load.Soak;

/// <summary>What became of a message.</summary>
internal enum Fate
{
    /// <summary>It is under way.</summary>
    None,

    /// <summary>A handler or a receiver got it.</summary>
    Handled,

    /// <summary>It was a dead letter.</summary>
    Dead,

    /// <summary>Its sender was told that it was not taken, or took it back.</summary>
    Refused,
}

/// <summary>What carries a message of the soak.</summary>
internal interface ISoakMessage
{
    SoakMessage Content { get; }
}

/// <summary>A message that knows its accounts.</summary>
internal sealed class SoakMessage(Ledger ledger, int edge, long number) : ISoakMessage
{
    private int _fate;

    /// <summary>Who sent it.</summary>
    public int Edge => edge;

    /// <summary>Its number among those of its edge, from 1.</summary>
    public long Number => number;

    public SoakMessage Content => this;

    public bool IsSettled => Volatile.Read(ref _fate) != (int)Fate.None;

    public void Settle(Fate fate)
    {
        var before = (Fate)Interlocked.CompareExchange(ref _fate, (int)fate, (int)Fate.None);
        if (before == Fate.None)
            ledger.Count(fate);
        else
            ledger.Violate($"message {number} of edge {edge} is {fate} after it was {before}");
    }

    /// <summary>Its sender was told that it was not taken: then it is a dead letter already, or nobody else knows it.</summary>
    public void SettleRefused()
    {
        if (Interlocked.CompareExchange(ref _fate, (int)Fate.Refused, (int)Fate.None) == (int)Fate.None)
            ledger.Count(Fate.Refused);
    }
}

/// <summary>The same message as a value.</summary>
internal readonly record struct Envelope(SoakMessage Content) : ISoakMessage;

/// <summary>The accounts of one episode. Any thread.</summary>
internal sealed class Ledger(string name)
{
    private const int MostViolations = 10;

    private readonly long[] _counts = new long[4];
    private readonly List<string> _violations = [];
    private long _sent;
    private long _bytes;

    public string Name => name;

    public long Sent => Volatile.Read(ref _sent);

    public long Handled => Of(Fate.Handled);

    public long Dead => Of(Fate.Dead);

    public long Refused => Of(Fate.Refused);

    /// <summary>Bytes that have arrived as they were sent.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    public bool IsBalanced => Handled + Dead + Refused >= Sent;

    public SoakMessage NewMessage(int edge = 0, long number = 0)
    {
        Interlocked.Increment(ref _sent);
        return new SoakMessage(this, edge, number);
    }

    public void Count(Fate fate) => Interlocked.Increment(ref _counts[(int)fate]);

    public void CountBytes(int count) => Interlocked.Add(ref _bytes, count);

    public void Violate(string what)
    {
        lock (_violations)
        {
            if (_violations.Count < MostViolations)
                _violations.Add($"{name}: {what}");
        }
    }

    public string[] Violations()
    {
        lock (_violations)
            return [.. _violations];
    }

    /// <summary>At the end, when nothing is under way.</summary>
    public void Verify()
    {
        if (Handled + Dead + Refused != Sent)
            Violate($"{Sent} sent, but {Handled} handled, {Dead} dead letters and {Refused} refused");
    }

    private long Of(Fate fate) => Volatile.Read(ref _counts[(int)fate]);
}
