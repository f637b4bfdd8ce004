using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Qi.Actors.Platform.Tests;

/// <summary>Buffers of which so many are out at most, and each is given back once.</summary>
internal sealed class CountedBuffers : IBufferSource
{
    public const int Bytes = 64;

    private int _out;
    private int _most = int.MaxValue;

    public int BufferBytes => Bytes;

    /// <summary>How many are rented.</summary>
    public int Out => Atomic.Read(ref _out);

    /// <summary>How many may be.</summary>
    public int Most
    {
        get => Atomic.Read(ref _most);
        set => Atomic.Write(ref _most, value);
    }

    public bool TryRent([NotNullWhen(true)] out IMemoryOwner<byte>? buffer, out nint address)
    {
        buffer = null;
        address = 0;
        if (Out >= Most)
            return false;
        Atomic.Add(ref _out, 1);
        byte[] memory = GC.AllocateArray<byte>(Bytes, pinned: true);
        buffer = new Owner(this, memory);
        address = Marshal.UnsafeAddrOfPinnedArrayElement(memory, 0);
        return true;
    }

    private sealed class Owner(CountedBuffers source, byte[] memory) : IMemoryOwner<byte>
    {
        private int _isDisposed;

        public Memory<byte> Memory => memory;

        public void Dispose()
        {
            if (Atomic.Exchange(ref _isDisposed, 1) != 0)
                throw new InvalidOperationException("A buffer was given back twice.");
            Atomic.Add(ref source._out, -1);
        }
    }
}
