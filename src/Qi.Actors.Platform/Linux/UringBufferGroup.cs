// Buffers that the kernel has before anything has come, and takes when it has: a ring in memory that it reads. A receive that waits has no buffer then, and when it ends its
// completion names the one it has taken.
//
// Who writes what: the owner everything, and the tail with release, after the entry; the kernel reads, and takes from its own head. How far it is, nobody need know: a
// buffer is the kernel's from its entry to the completion that names it, and the ring has as many places as there are numbers.
//
//   G1: a number is in _free, or a buffer with it is the kernel's (_owners), exactly one of these. So the ring never overflows, and no buffer has two numbers.
//   G2: a completion that names a buffer has taken it, also one that has read nothing: that goes back into the ring.
//
// How many there are follows the need: when a receive has found none, twice as many are wanted, up to all. What the source does not give is missing, and receives that find
// nothing say so (IoOperation.NoBuffer): whoever waits for input and for memory by itself is held up by the source's limit, as with any other reactor.

using System.Buffers;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Qi.Actors.Platform.Linux;

/// <summary>The buffers that a ring takes from. <b>Threads</b>: the owner of the ring.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class UringBufferGroup : IDisposable
{
    internal const ushort Number = 0;
    internal const int Most = 256;
    internal const int WantedAtFirst = 16;

    private readonly UringRing _ring;
    private readonly IBufferSource _source;
    private readonly UringBuffer* _entries;
    private readonly (IMemoryOwner<byte>? Owner, nint Address)[] _owners = new (IMemoryOwner<byte>?, nint)[Most];
    private readonly ushort[] _free = new ushort[Most];
    private int _freeCount;
    private int _wanted = WantedAtFirst;
    private ushort _tail;
    private bool _isShort;

    private UringBufferGroup(UringRing ring, IBufferSource source, UringBuffer* entries)
    {
        _ring = ring;
        _source = source;
        _entries = entries;
        for (int number = Most - 1; number >= 0; number--)
            _free[_freeCount++] = (ushort)number;
    }

    /// <summary>How many buffers the kernel has.</summary>
    internal int Count => Most - _freeCount;

    /// <summary>Makes a group, without a buffer yet; null if the kernel does not know how, or will not.</summary>
    internal static UringBufferGroup? TryMake(UringRing ring, IBufferSource source)
    {
        var entries = Allocate();
        if (entries is null)
            return null;
        new Span<UringBuffer>(entries, Most).Clear();
        var wish = new UringBufferRing { Address = (ulong)entries, Entries = Most, Group = Number };
        if (ring.Register(Uring.RegisterBufferRing, &wish, 1) >= 0)
            return new UringBufferGroup(ring, source, entries);
        NativeMemory.AlignedFree(entries);
        return null;
    }

    /// <summary>Gives the kernel as many buffers as are wanted and to be had.</summary>
    internal void Fill()
    {
        if (_isShort)
        {
            _isShort = false;
            _wanted = Math.Min(_wanted * 2, Most);
        }

        while (Count < _wanted && _source.TryRent(out var owner, out nint address))
            Give(owner, address);
    }

    /// <summary>A receive has found none.</summary>
    internal void NoteShortage() => _isShort = true;

    /// <summary>What a completion names is the caller's.</summary>
    internal IMemoryOwner<byte> Take(int number) => Remove(number).Owner;

    /// <summary>What a completion names and has read nothing into goes back into the ring (G2).</summary>
    internal void PutBack(int number)
    {
        var (owner, address) = Remove(number);
        Give(owner, address);
    }

    /// <summary>Takes everything back, when no receive is in progress.</summary>
    public void Dispose()
    {
        var wish = new UringBufferRing { Group = Number };
        _ = _ring.Register(Uring.UnregisterBufferRing, &wish, 1);
        NativeMemory.AlignedFree(_entries);
        foreach (var (owner, _) in _owners)
            owner?.Dispose();
    }

    private static UringBuffer* Allocate()
    {
        try
        {
            return (UringBuffer*)NativeMemory.AlignedAlloc(Most * (nuint)sizeof(UringBuffer), (nuint)Environment.SystemPageSize);
        }
        catch (OutOfMemoryException)
        {
            return null; // whoever receives goes the way of those who have no such kernel
        }
    }

    private void Give(IMemoryOwner<byte> owner, nint address)
    {
        ushort number = _free[--_freeCount];
        _owners[number] = (owner, address);
        var entry = _entries + (_tail & (Most - 1));
        entry->Address = (ulong)address; // each by itself: the tail lies in the first entry
        entry->Length = (uint)_source.BufferBytes;
        entry->Number = number;
        Atomic.Write(ref _entries->Tail, ++_tail);
    }

    private (IMemoryOwner<byte> Owner, nint Address) Remove(int number)
    {
        var (owner, address) = _owners[number];
        Debug.Assert(owner is not null, "G1: the kernel names a buffer that it was not given.");
        _owners[number] = default;
        _free[_freeCount++] = (ushort)number;
        return (owner, address);
    }
}
