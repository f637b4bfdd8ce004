// Any thread writes, by compare-exchange and add; chunks come and go rarely, so one line for all owners is no contention.
//
// Invariant B1: HeldBytes is the memory of all chunks that exist or are about to, and is never above LimitBytes.

using Qi.Actors.Platform;

namespace Qi.Actors.IO;

/// <summary>How much memory the chunks of a pool may take, and take. Any thread.</summary>
internal sealed class BufferBudget(long limitBytes)
{
    private long _heldBytes;
    private long _peakBytes;
    private long _refusals;

    /// <summary>The most that may be held.</summary>
    public long LimitBytes { get; } = limitBytes;

    /// <summary>Bytes of all chunks.</summary>
    public long HeldBytes => Atomic.Read(ref _heldBytes);

    /// <summary>The most that <see cref="HeldBytes"/> has been.</summary>
    public long PeakBytes => Atomic.Read(ref _peakBytes);

    /// <summary>How many rents were refused for lack of memory.</summary>
    public long Refusals => Atomic.Read(ref _refusals);

    /// <summary>Counts the bytes of a chunk to come, unless that is too much.</summary>
    public bool TryAdd(long bytes)
    {
        long held = HeldBytes;
        while (bytes <= LimitBytes - held)
        {
            long before = Atomic.CompareExchange(ref _heldBytes, held + bytes, held);
            if (before == held)
            {
                NotePeak(held + bytes);
                return true;
            }

            held = before;
        }

        return false;
    }

    /// <summary>Gives the bytes of a chunk back.</summary>
    public void Remove(long bytes) => Atomic.Add(ref _heldBytes, -bytes);

    /// <summary>A rent fails. Owners that hold idle chunks find out at their next trim.</summary>
    public void NoteRefusal() => Atomic.Add(ref _refusals, 1);

    private void NotePeak(long held)
    {
        long peak = PeakBytes;
        while (held > peak)
        {
            long before = Atomic.CompareExchange(ref _peakBytes, held, peak);
            if (before == peak)
                return;
            peak = before;
        }
    }
}
