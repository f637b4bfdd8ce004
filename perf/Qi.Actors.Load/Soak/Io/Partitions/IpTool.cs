using System.Diagnostics;

namespace Qi.Actors.Load.Soak.Io.Partitions;

/// <summary>The command ip of iproute2, in the network of this process.</summary>
internal static class IpTool
{
    public static bool IsInstalled
        => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(static folder => File.Exists(Path.Combine(folder, "ip")));

    /// <summary>Runs it with the words of a line.</summary>
    /// <exception cref="InvalidOperationException">It refuses; the message says what it said.</exception>
    public static void Run(string line)
    {
        using var process = Process.Start(new ProcessStartInfo("ip", line.Split(' ')) { RedirectStandardError = true, UseShellExecute = false })!;
        string said = process.StandardError.ReadToEnd().Trim();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"ip {line}: {said}");
    }
}
