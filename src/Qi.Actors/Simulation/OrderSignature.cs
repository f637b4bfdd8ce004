namespace Qi.Actors.Simulated;

/// <summary>A hash of the order in which turns were run: two runs with equal signatures have made the same choices at the same points.</summary>
/// <remarks>It depends on nothing that differs between two processes. Source: the mixing step is that of xxHash64 (Y. Collet).</remarks>
internal struct OrderSignature
{
    private const ulong First = 0x9E37_79B1_85EB_CA87;
    private const ulong Second = 0xC2B2_AE3D_27D4_EB4F;

    private ulong _hash;

    public readonly ulong Value => _hash;

    public void Add(ulong value) => _hash = ulong.RotateLeft(_hash ^ (value * Second), 31) * First;
}
