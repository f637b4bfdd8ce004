using System.Diagnostics;

namespace Qi.Actors.Load.Tests;

/// <summary>What the program printed, and its exit code.</summary>
internal sealed record LoadResult(int ExitCode, string Output, string Errors)
{
    public override string ToString() => $"exit code {ExitCode}\n{Output}\n{Errors}";
}

/// <summary>Runs the program as a process.</summary>
internal static class LoadProgram
{
    private static readonly TimeSpan s_bound = TimeSpan.FromMinutes(2);

    public static async Task<LoadResult> RunAsync(params string[] args)
    {
        using var process = Start(args);
        using var bound = new CancellationTokenSource(s_bound);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(bound.Token);
            var errors = process.StandardError.ReadToEndAsync(bound.Token);
            await process.WaitForExitAsync(bound.Token);
            return new LoadResult(process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private static Process Start(string[] args)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in (string[])["exec", typeof(Arguments).Assembly.Location, .. args])
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }
}
