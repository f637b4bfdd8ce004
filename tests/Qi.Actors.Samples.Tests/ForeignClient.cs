using System.Diagnostics;

namespace Qi.Actors.Samples.Tests;

/// <summary>A program that others have written, and that speaks to a sample or a test.</summary>
internal static class ForeignClient
{
    private static readonly TimeSpan s_bound = TimeSpan.FromMinutes(2);

    /// <summary>Runs a client to its end, and returns what it printed. Without the client the test is skipped.</summary>
    /// <param name="client">The command.</param>
    /// <param name="package">What it comes with.</param>
    /// <param name="input">What it is given to read.</param>
    /// <param name="args">Its arguments.</param>
    public static async Task<string> RunAsync(string client, string package, string input, params string[] args)
    {
        var (exitCode, output, errors) = await RunToItsEndAsync(client, package, input, args);
        Assert.That(exitCode, Is.Zero, errors);
        return output;
    }

    /// <summary>The same for a client that may fail.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunToItsEndAsync(string client, string package, string input, params string[] args)
    {
        Require(client, package);
        var start = new ProcessStartInfo(client, args) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        using var bound = new CancellationTokenSource(s_bound);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(bound.Token);
            var errors = process.StandardError.ReadToEndAsync(bound.Token);
            await process.StandardInput.WriteAsync(input.AsMemory(), bound.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(bound.Token);
            return (process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    /// <summary>Skips the test if a program is not there.</summary>
    public static void Require(string client, string package)
    {
        if (!IsInstalled(client))
            Assert.Ignore($"{client} is not installed; it comes with {package}, and .ci/run installs it.");
    }

    private static bool IsInstalled(string client)
        => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, client)));
}
