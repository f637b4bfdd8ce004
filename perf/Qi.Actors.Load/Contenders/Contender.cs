using System.Diagnostics;

using Qi.Actors.Workloads;

namespace Qi.Actors.Load.Contenders;

/// <summary>Somebody who can do workloads: how to start the process, and what it can do.</summary>
/// <param name="Name">What it is called in reports.</param>
/// <param name="Command">The program and its arguments.</param>
/// <param name="Offers">Whether it does a workload.</param>
internal sealed record Contender(string Name, IReadOnlyList<string> Command, Func<Workload, bool> Offers)
{
    /// <summary>The word for it on the command line.</summary>
    public string Key => KeyOf(Name);

    /// <summary>True for Qi's own renderings.</summary>
    public bool IsQi { get; init; }

    /// <summary>True for this program's own renderings, Qi's and stock.</summary>
    public bool IsDotNet { get; init; }

    /// <summary>What it said of itself.</summary>
    public string Version { get; init; } = $".NET {Environment.Version}";

    /// <summary>Whether it promises what the others promise, in a workload.</summary>
    public Func<Workload, bool> IsComparable { get; init; } = static _ => true;

    /// <summary>A name in small letters with hyphens.</summary>
    public static string KeyOf(string name)
        => string.Create(name.Length, name, static (key, name) =>
        {
            for (int i = 0; i < name.Length; i++)
                key[i] = name[i] == ' ' ? '-' : char.ToLowerInvariant(name[i]);
        });

    /// <summary>How to start it, for a workload or just to be asked who it is.</summary>
    public ProcessStartInfo ToStartInfo(Workload? workload)
    {
        var start = new ProcessStartInfo(Command[0])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in Command.Skip(1))
            start.ArgumentList.Add(argument);
        if (IsDotNet && workload is { Gen0Bytes: > 0 })
            start.Environment["DOTNET_GCgen0size"] = $"0x{workload.Gen0Bytes:X}";
        return start;
    }
}
