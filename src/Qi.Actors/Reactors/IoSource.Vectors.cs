using System.Buffers;
using System.Runtime.CompilerServices;

using Qi.Actors.Platform;

namespace Qi.Actors.Reactors;

internal sealed partial class IoSource
{
    private MemoryHandle[] _pins = [];
    private int _pinCount;

    /// <summary>Makes room for the pieces of a vectored run. After <see cref="Begin"/>.</summary>
    public void BeginPieces(int count)
    {
        if (_pins.Length < count)
        {
            _pins = new MemoryHandle[count];
            _operation.Vectors = GC.AllocateUninitializedArray<IoVector>(count, pinned: true);
        }

        _operation.VectorCount = 0;
        _operation.AddressLength = 0; // which counts the pieces that are done
    }

    /// <summary>Adds a piece, pinned until the run is over. Empty ones are left out.</summary>
    public unsafe void AddPiece(ReadOnlyMemory<byte> piece)
    {
        if (piece.IsEmpty)
            return;
        ref var place = ref _pins[_pinCount]; // before anything is pinned: a list may have grown meanwhile
        var pin = piece.Pin();
        place = pin;
        _pinCount++;
        _operation.Vectors![_operation.VectorCount++] = new IoVector { Start = (nint)pin.Pointer, Length = piece.Length };
    }

    // The operation has ended, or will not begin. Whoever has the run.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Unpin()
    {
        if (_pinCount > 0)
            UnpinAll();
    }

    private void UnpinAll()
    {
        for (int i = 0; i < _pinCount; i++)
        {
            _pins[i].Dispose();
            _pins[i] = default;
        }

        _pinCount = 0;
    }
}
