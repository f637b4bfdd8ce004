using System.Runtime.InteropServices;
using System.Runtime.Versioning;

using Qi.Actors.Platform.Bsd;
using Qi.Actors.Platform.Linux;
using Qi.Actors.Platform.Unix;

namespace Qi.Actors.Platform.Tests;

/// <summary>A kernel with kqueue that notes what it is asked, and answers as the test says. One for each thread.</summary>
[SupportedOSPlatform("linux")]
internal readonly unsafe struct ScriptedKqueue<TLike> : IKqueueSystem
    where TLike : struct, IKqueueSystem
{
    [ThreadStatic]
    private static KqueueScript? s_script;

    public static int EventSize => TLike.EventSize;

    public static short UserFilter => TLike.UserFilter;

    public static KqueueScript Script => s_script ??= new KqueueScript();

    public static int Create()
    {
        if (Script.CreateError == 0)
            return Script.Descriptor = Syscalls.EventCounter(0, 0); // any number that can be closed
        Marshal.SetLastPInvokeError(Script.CreateError);
        return -1;
    }

    public static int Exchange(int queue, byte* changes, int changeCount, byte* events, int capacity, Timespec* timeout)
    {
        for (int index = 0; index < changeCount; index++)
            Script.Changes.Add(new Span<byte>(changes + (index * EventSize), EventSize).ToArray());
        if (changeCount == 0)
            Script.TimeoutsNs.Add(timeout is null ? -1 : (timeout->Seconds * Clock.NsPerSecond) + timeout->Nanoseconds);
        if (Script.CallError != 0)
        {
            Marshal.SetLastPInvokeError(Script.CallError);
            return -1;
        }

        return changeCount == 0 ? Tell(events, capacity) : Acknowledge(changes, Math.Min(changeCount, capacity), events);
    }

    public static int Take(int queue, byte* events, int capacity) => Tell(events, capacity);

    public static bool HasEvents(int queue) => Script.Events.Count > 0;

    private static int Acknowledge(byte* changes, int count, byte* receipts)
    {
        for (int index = 0; index < count; index++)
        {
            var receipt = *(KqueueEvent*)(changes + (index * EventSize));
            receipt.Flags |= KqueueEvent.Error;
            receipt.Data = Script.Refusals.GetValueOrDefault(receipt.Filter);
            *(KqueueEvent*)(receipts + (index * EventSize)) = receipt;
        }

        return count;
    }

    private static int Tell(byte* events, int capacity)
    {
        int told = 0;
        while (told < capacity && Script.Events.TryDequeue(out var next))
            *(KqueueEvent*)(events + (told++ * EventSize)) = next;
        return told;
    }
}

/// <summary>What such a kernel was asked, and what it says.</summary>
internal sealed class KqueueScript
{
    /// <summary>The changes that were handed over, byte by byte.</summary>
    public List<byte[]> Changes { get; } = [];

    /// <summary>How long each wait was to be; -1 for ever.</summary>
    public List<long> TimeoutsNs { get; } = [];

    /// <summary>What is told next.</summary>
    public Queue<KqueueEvent> Events { get; } = [];

    /// <summary>By which error number changes of a filter are refused.</summary>
    public Dictionary<short, int> Refusals { get; } = [];

    /// <summary>By which error number a queue is refused; 0 if it is not.</summary>
    public int CreateError { get; set; }

    /// <summary>By which error number calls fail; 0 if they do not.</summary>
    public int CallError { get; set; }

    /// <summary>The queue that was made last.</summary>
    public int Descriptor { get; set; } = -1;
}
