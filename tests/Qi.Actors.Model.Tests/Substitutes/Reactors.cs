// Stand in for what reaches the operating system.

using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors.Platform
{
    /// <summary>No descriptor is real here.</summary>
    public static class NativeSockets
    {
        public static void Close(nint descriptor)
        {
        }
    }
}

namespace Qi.Actors.Reactors
{
    /// <summary>A scenario brings its own reactor.</summary>
    internal static class ReactorPlans
    {
        public static ReactorPlan For(ReactorChoice choice) => throw new InvalidOperationException($"This scenario has no reactor, {choice} or other.");

        public static string? Misfit(ReactorChoice choice) => Enum.IsDefined(choice) ? null : "There is no such reactor.";
    }
}
