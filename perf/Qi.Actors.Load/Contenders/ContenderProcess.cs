// Lines of standard error are kept for the report of a failure. Every process that lives is on a list, so that Ctrl-C leaves none behind.

using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;

using Qi.Actors.Workloads;

namespace Qi.Actors.Load.Contenders;

/// <summary>A contender has died, timed out, or said what it must not; the message says all of it.</summary>
internal sealed class ContenderException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A contender at work. Disposing it ends its input, and kills it if it does not end then.</summary>
internal sealed class ContenderProcess : IDisposable
{
    private const int LinesOfErrors = 12;

    private static readonly TimeSpan s_parting = TimeSpan.FromSeconds(3);
    private static readonly ConcurrentDictionary<ContenderProcess, bool> s_alive = new();

    private readonly Contender _contender;
    private readonly Process _process;
    private readonly Queue<string> _errors = new();
    private bool _isDisposed;

    private ContenderProcess(Contender contender, Process process)
    {
        _contender = contender;
        _process = process;
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginErrorReadLine();
        s_alive[this] = true;
    }

    public static ContenderProcess Start(Contender contender, Workload? workload = null)
    {
        try
        {
            return new ContenderProcess(contender, Process.Start(contender.ToStartInfo(workload))!);
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            throw new ContenderException($"{contender.Name} does not start: {e.Message}. Build the peers again with perf/peers/build.sh.", e);
        }
    }

    /// <summary>The process' number.</summary>
    public int Id => _process.Id;

    /// <summary>From now on, whatever ends this process ends all that it has started.</summary>
    public static void EndWithThisProcess()
    {
        Console.CancelKeyPress += static (_, _) => KillAll();
        AppDomain.CurrentDomain.ProcessExit += static (_, _) => KillAll();
    }

    private static void KillAll()
    {
        foreach (var process in s_alive.Keys)
            process.Kill();
    }

    public Hello ReadHello(TimeSpan patience) => Read(Protocol.ReadHello, "its start", patience);

    /// <summary>Reads a line that it says by itself.</summary>
    /// <exception cref="ContenderException">There is no valid line in time.</exception>
    public T Read<T>(Func<string, T> parse, string occasion, TimeSpan patience) => Parse(ReadLine(occasion, patience), parse, occasion);

    /// <summary>Gives it a line.</summary>
    /// <exception cref="ContenderException">It has died.</exception>
    public void Say(string line)
    {
        try
        {
            _process.StandardInput.WriteLine(line);
            _process.StandardInput.Flush();
        }
        catch (IOException e)
        {
            throw Failure(line, "it has died", e);
        }
    }

    /// <summary>Runs one round.</summary>
    /// <exception cref="ContenderException">There is no valid reply in time.</exception>
    public Reply Run(Request request, TimeSpan patience)
    {
        Say(request.ToString());
        var reply = Parse(ReadLine(request.ToString(), patience), Protocol.ReadReply, request.ToString());
        return reply.Error is { } error ? throw Failure(request.ToString(), error) : reply;
    }

    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has died already, and its pipe with it.
        }

        if (!_process.WaitForExit(s_parting))
            Kill();
        s_alive.TryRemove(this, out _);
        _process.Dispose();
    }

    private string ReadLine(string occasion, TimeSpan patience)
    {
        using var bound = new CancellationTokenSource(patience);
        try
        {
            return _process.StandardOutput.ReadLineAsync(bound.Token).AsTask().GetAwaiter().GetResult()
                ?? throw Failure(occasion, _process.WaitForExit(s_parting) ? $"it ended with exit code {_process.ExitCode}" : "it closed its output");
        }
        catch (OperationCanceledException e)
        {
            Kill();
            throw Failure(occasion, $"no answer within {patience.TotalSeconds:0.#} s, so it was killed. Give it more with --patience, or less to do with --size", e);
        }
    }

    private T Parse<T>(string line, Func<string, T> parse, string occasion)
    {
        try
        {
            return parse(line);
        }
        catch (FormatException e)
        {
            throw Failure(occasion, e.Message, e);
        }
    }

    private ContenderException Failure(string occasion, string what, Exception? inner = null)
    {
        string[] errors;
        lock (_errors)
            errors = [.. _errors];
        string tail = errors.Length == 0 ? "" : $"{Environment.NewLine}    " + string.Join($"{Environment.NewLine}    ", errors);
        return new ContenderException($"{_contender.Name}, {occasion}: {what}.{tail}", inner);
    }

    private void Keep(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
            return;
        lock (_errors)
        {
            _errors.Enqueue(line);
            if (_errors.Count > LinesOfErrors)
                _errors.Dequeue();
        }
    }

    private void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or AggregateException or Win32Exception)
        {
            // It has ended by itself, or a child of it has meanwhile. The others must be killed all the same.
        }
    }
}
