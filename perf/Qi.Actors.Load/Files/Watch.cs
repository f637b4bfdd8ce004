using System.Diagnostics;

namespace Qi.Actors.Load.Files;

/// <summary>Says when the time is up. Any thread may ask.</summary>
internal sealed class Watch(TimeSpan time)
{
    private readonly long _start = Stopwatch.GetTimestamp();

    public bool IsOver => Stopwatch.GetElapsedTime(_start) >= time;
}
