// A named pipe's reading end is opened without waiting for a writer, and until the first one comes a read would take its absence for the end. So opening waits until
// there is something to read, or until the first writer has gone again; until then the system reports neither. A writing end cannot be opened before there is a reader,
// and no event tells when: it is tried again after a pause.

using System.ComponentModel;
using System.Diagnostics;
using System.IO.Pipes;

using Qi.Actors.Platform;

namespace Qi.Actors.IO;

public sealed partial class PipeEnd
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMilliseconds(320);

    /// <summary>Makes a pipe within this process.</summary>
    /// <param name="system">Whose dispatchers serve it.</param>
    /// <returns>The end to read from, and the end to write to.</returns>
    /// <exception cref="IOException">The system has no descriptor for it.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux, or the reactor of the system is the portable one: pipes need epoll or io_uring.</exception>
    /// <exception cref="ObjectDisposedException">The system has stopped.</exception>
    /// <exception cref="InvalidOperationException">The system is simulated.</exception>
    public static (PipeEnd Reading, PipeEnd Writing) CreatePair(ActorSystem system)
    {
        bool isNonBlocking = RequireServed(system);
        var (reading, writing) = Try(() => NativePipes.Create(isNonBlocking), "Making a pipe");
        PipeEnd first;
        try
        {
            first = new PipeEnd(system, reading, isWriting: false, "a pipe");
        }
        catch
        {
            NativeSockets.Close(writing);
            throw;
        }

        try
        {
            return (first, new PipeEnd(system, writing, isWriting: true, "a pipe"));
        }
        catch
        {
            first.Dispose();
            throw;
        }
    }

    /// <summary>Makes a named pipe (FIFO), which processes of the same user may open. It is a file: delete it in the end.</summary>
    /// <param name="path">Where; nothing may be there.</param>
    /// <exception cref="IOException">Something is there, or the system refuses otherwise.</exception>
    public static void CreateNamed(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Try<object?>(
            () =>
            {
                NativePipes.CreateNamed(path);
                return null;
            },
            $"Making the named pipe {path}");
    }

    /// <summary>Opens a named pipe for reading, when the first writer has written something or has gone again.</summary>
    /// <param name="system">Whose dispatchers serve it.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="IOException">There is no such pipe, it is something else, or the system refuses otherwise.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux, or the reactor of the system is the portable one: pipes need epoll or io_uring.</exception>
    /// <exception cref="ObjectDisposedException">The system has stopped.</exception>
    /// <exception cref="InvalidOperationException">The system is simulated.</exception>
    public static ValueTask<PipeEnd> OpenForReadingAsync(ActorSystem system, string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        bool isNonBlocking = RequireServed(system);
        return OwnedResult<PipeEnd>.Of(token => OpenReadingEndAsync(system, path, isNonBlocking, token), cancellationToken);
    }

    /// <summary>Opens a named pipe for writing, when somebody has it open for reading.</summary>
    /// <param name="system">Whose dispatchers serve it. Its clock counts the pauses between attempts, which grow from 5 ms to 320 ms.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="IOException">There is no such pipe, it is something else, or the system refuses otherwise.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux, or the reactor of the system is the portable one: pipes need epoll or io_uring.</exception>
    /// <exception cref="ObjectDisposedException">The system has stopped.</exception>
    /// <exception cref="InvalidOperationException">The system is simulated.</exception>
    public static ValueTask<PipeEnd> OpenForWritingAsync(ActorSystem system, string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        bool isNonBlocking = RequireServed(system);
        return OwnedResult<PipeEnd>.Of(token => OpenWritingEndAsync(system, path, isNonBlocking, token), cancellationToken);
    }

    /// <summary>Takes over a standard stream of a child process, before anybody has used it.</summary>
    /// <param name="system">Whose dispatchers serve it.</param>
    /// <param name="stream"><c>BaseStream</c> of <see cref="Process.StandardInput"/>, <see cref="Process.StandardOutput"/> or <see cref="Process.StandardError"/>. It is closed.</param>
    /// <exception cref="ArgumentException">This is no stream of a child process.</exception>
    /// <exception cref="IOException">The system refuses.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux, or the reactor of the system is the portable one: pipes need epoll or io_uring.</exception>
    /// <exception cref="ObjectDisposedException">The system has stopped.</exception>
    /// <exception cref="InvalidOperationException">The system is simulated.</exception>
    public static PipeEnd TakeOver(ActorSystem system, Stream stream)
    {
        bool isNonBlocking = RequireServed(system);
        ArgumentNullException.ThrowIfNull(stream);
        if (stream is not AnonymousPipeClientStream pipe)
            throw new ArgumentException($"{stream.GetType()} is no pipe of a child process. Give the BaseStream of Process.StandardInput, StandardOutput or StandardError.", nameof(stream));
        bool isWriting = pipe.CanWrite;
        var handle = pipe.SafePipeHandle;
        bool isHeld = false;
        handle.DangerousAddRef(ref isHeld);
        nint descriptor = handle.DangerousGetHandle();
        try
        {
            NativePipes.SetBlocking(descriptor, isNonBlocking);
            handle.SetHandleAsInvalid(); // it is ours from now on, and nobody else closes it
        }
        catch (Win32Exception e)
        {
            throw new IOException($"Taking over a pipe of a child process failed: {e.Message}.", e);
        }
        finally
        {
            handle.DangerousRelease();
        }

        pipe.Dispose();
        return new PipeEnd(system, descriptor, isWriting, isWriting ? "the input of a child process" : "the output of a child process");
    }

    private static async Task<PipeEnd> OpenReadingEndAsync(ActorSystem system, string path, bool isNonBlocking, CancellationToken cancellationToken)
    {
        nint descriptor = Try(() => OpenNamed(path, isWriting: false, isNonBlocking), $"Opening {path} for reading");
        var end = new PipeEnd(system, descriptor, isWriting: false, path);
        try
        {
            await end.ReadAsync(Memory<byte>.Empty, cancellationToken).ConfigureAwait(false);
            return end;
        }
        catch
        {
            end.Dispose();
            throw;
        }
    }

    private static async Task<PipeEnd> OpenWritingEndAsync(ActorSystem system, string path, bool isNonBlocking, CancellationToken cancellationToken)
    {
        for (var pause = s_firstPause; ; pause = pause < s_longestPause ? pause * 2 : pause)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                nint descriptor = OpenNamed(path, isWriting: true, isNonBlocking);
                return new PipeEnd(system, descriptor, isWriting: true, path);
            }
            catch (Win32Exception e) when (e.NativeErrorCode != NativePipes.NobodyThere)
            {
                throw new IOException($"Opening {path} for writing failed: {e.Message}.", e);
            }
            catch (Win32Exception)
            {
                await Task.Delay(pause, system.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // What is no pipe the reactors would treat differently, and a socket would look like a pipe that nobody reads.
    private static nint OpenNamed(string path, bool isWriting, bool isNonBlocking)
    {
        if (FileStatus.IsOtherThanPipe(path))
            throw new IOException($"Opening {path} for {(isWriting ? "writing" : "reading")} failed: it is no named pipe. Make one with PipeEnd.CreateNamed, or open a file with AsyncFile.OpenAsync.");
        return NativePipes.OpenNamed(path, isWriting, isNonBlocking);
    }

    private static bool RequireServed(ActorSystem system)
    {
        ArgumentNullException.ThrowIfNull(system);
        system.Pool.Reactors.RequireReal();
        var plan = system.Pool.Reactors.Plan;
        if (plan.Kind is not (ReactorKind.Epoll or ReactorKind.Uring))
        {
            throw new PlatformNotSupportedException(
                $"Pipes need epoll or io_uring, and the reactor of {system.Name} is {plan.Kind}. Set QiActorsOptions.Reactor to Auto on Linux, or use the framework's pipe streams.");
        }

        return plan.IsNonBlocking;
    }

    private static T Try<T>(Func<T> call, string what)
    {
        try
        {
            return call();
        }
        catch (Win32Exception e)
        {
            throw new IOException($"{what} failed: {e.Message}.", e);
        }
    }
}
