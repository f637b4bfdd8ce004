namespace Qi.Actors.Model.Mutants;

/// <summary>A change of one place in the production sources that breaks a protocol.</summary>
/// <param name="Name">For the test's name.</param>
/// <param name="Protocol">Whose scenarios must catch it.</param>
/// <param name="File">The file's name; no other file of the sources has the same.</param>
/// <param name="Old">What stands there, once.</param>
/// <param name="New">What is put in its place.</param>
/// <param name="Breaks">What no longer holds.</param>
internal sealed record Mutant(string Name, string Protocol, string File, string Old, string New, string Breaks)
{
    public override string ToString() => Name;
}
