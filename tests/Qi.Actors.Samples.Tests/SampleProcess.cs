using System.Diagnostics;
using System.Text;
using System.Threading.Channels;

namespace Qi.Actors.Samples.Tests;

/// <summary>What a sample printed, and its exit code.</summary>
internal sealed record SampleResult(int ExitCode, string Output, string Errors)
{
    public override string ToString() => $"exit code {ExitCode}\n{Output}\n{Errors}";
}

/// <summary>A running sample. Disposing it kills it.</summary>
internal sealed class SampleProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_bound = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly Task _reading;
    private readonly Task<string> _errors;

    private SampleProcess(Process process)
    {
        _process = process;
        _reading = ReadAsync();
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Starts a sample that was built beside this test.</summary>
    public static SampleProcess Start(string sample, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (string argument in (string[])["exec", PathOf(sample), .. args])
            start.ArgumentList.Add(argument);
        foreach (string name in start.Environment.Keys.Where(IsSetting).ToArray())
            start.Environment.Remove(name);
        return new SampleProcess(Process.Start(start)!);
    }

    /// <summary>Runs a sample to its end.</summary>
    public static async Task<SampleResult> RunAsync(string sample, params string[] args)
    {
        await using var process = Start(sample, args);
        return await process.WaitForExitAsync();
    }

    /// <summary>The next line of the output that contains the text.</summary>
    public async Task<string> WaitForLineAsync(string text)
    {
        using var bound = new CancellationTokenSource(s_bound);
        await foreach (string line in _lines.Reader.ReadAllAsync(bound.Token))
        {
            if (line.Contains(text, StringComparison.Ordinal))
                return line;
        }

        throw new InvalidOperationException($"The sample ended without printing '{text}'. It printed:\n{_output}\n{await _errors}");
    }

    public async Task<SampleResult> WaitForExitAsync()
    {
        using var bound = new CancellationTokenSource(s_bound);
        await _process.WaitForExitAsync(bound.Token);
        await _reading;
        return new SampleResult(_process.ExitCode, _output.ToString(), await _errors);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            _output.AppendLine(line);
            _lines.Writer.TryWrite(line);
        }

        _lines.Writer.Complete();
    }

    private static bool IsSetting(string name)
        => name.StartsWith("QiActors", StringComparison.OrdinalIgnoreCase) || name.StartsWith("ASPNETCORE_", StringComparison.OrdinalIgnoreCase);

    // …/tests/Qi.Actors.Samples.Tests/bin/Release/net10.0 leads to …/samples/Bank/bin/Release/net10.0.
    private static string PathOf(string sample)
    {
        var framework = new DirectoryInfo(AppContext.BaseDirectory);
        var configuration = framework.Parent!;
        string root = configuration.Parent!.Parent!.Parent!.Parent!.FullName;
        string path = Path.Combine(root, "samples", sample, "bin", configuration.Name, framework.Name, $"{sample}.dll");
        return File.Exists(path) ? path : throw new InvalidOperationException($"{path} is not built. Build the solution first.");
    }
}
