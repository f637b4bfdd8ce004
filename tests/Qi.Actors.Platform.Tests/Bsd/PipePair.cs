using System.Runtime.Versioning;

using Qi.Actors.Platform.Unix;

namespace Qi.Actors.Platform.Tests;

/// <summary>A pipe of which one end is tried, and the other lets that go on.</summary>
[SupportedOSPlatform("linux")]
internal sealed class PipePair : IDisposable
{
    private nint _reading;
    private nint _writing;
    private bool _isWriting;

    public PipePair() => (_reading, _writing) = NativePipes.Create(isNonBlocking: true);

    /// <summary>Gives one end away.</summary>
    public IoHandle Take(bool isWriting)
    {
        _isWriting = isWriting;
        var taken = new IoHandle(isWriting ? _writing : _reading, IoHandleKind.Pipe, static own => TestSockets.Close(own.Value));
        if (isWriting)
            _writing = -1;
        else
            _reading = -1;
        return taken;
    }

    /// <summary>Gives a byte to who reads, or ends the reading of what who writes has filled.</summary>
    public unsafe void Release()
    {
        if (_isWriting)
        {
            TestSockets.Close(_reading);
            _reading = -1;
            return;
        }

        byte one = 1;
        Assert.That(TransferCalls.Write((int)_writing, &one, 1), Is.EqualTo(1));
    }

    public void Dispose()
    {
        if (_reading >= 0)
            TestSockets.Close(_reading);
        if (_writing >= 0)
            TestSockets.Close(_writing);
    }
}
