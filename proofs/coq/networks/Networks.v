(** Networks of any number of inputs, boxes and unsafe sets: the page to read.

    It stands on Coq's standard library alone.  Weights are whole numbers over a common
    denominator, since a file holds rationals; their network is one over the reals. *)

From Coq Require Import ZArith List Reals.
Import ListNotations.
Open Scope R_scope.

(** ** Networks over the reals *)

Fixpoint dot (a x : list R) : R :=
  match a, x with w :: a, v :: x => w * v + dot a x | _, _ => 0 end.

Record layer := {
  units : list (list R * R);            (* weights and bias of each *)
  activation : R -> R }.

Definition network := list layer.

Definition sum_of (x : list R) (u : list R * R) : R := dot (fst u) x + snd u.
Definition before (L : layer) (x : list R) : list R := map (sum_of x) (units L).
Definition after (L : layer) (x : list R) : list R := map (activation L) (before L x).

Fixpoint output (N : network) (x : list R) : list R :=
  match N with [] => x | L :: N => output N (after L x) end.

(** ** Activations *)

Definition relu (z : R) : R := Rmax 0 z.

(** A piecewise-affine function: lines from left to right, and the breakpoints between them,
    each with whether it belongs to the line on its left; all over one denominator. *)

Inductive shape :=
  | Relu
  | Affine
  | Pieces (over : Z) (lines : list (Z * Z)) (cuts : list (Z * bool)).

Definition on_line (over : Z) (line : Z * Z) (z : R) : R :=
  (IZR (fst line) * z + IZR (snd line)) / IZR over.

Definition left_of (over : Z) (cut : Z * bool) (z : R) : bool :=
  if Rlt_dec z (IZR (fst cut) / IZR over) then true
  else if Req_EM_T z (IZR (fst cut) / IZR over) then snd cut else false.

Fixpoint piece_at (over : Z) (cuts : list (Z * bool)) (z : R) : nat :=
  match cuts with
  | [] => O
  | cut :: cuts => if left_of over cut z then O else S (piece_at over cuts z)
  end.

Definition value (s : shape) (z : R) : R :=
  match s with
  | Relu => relu z
  | Affine => z
  | Pieces over lines cuts => on_line over (nth (piece_at over cuts z) lines (0, 0)%Z) z
  end.

(** ** Networks of rational weights *)

Record whole_layer := {
  over : Z;                             (* the denominator of what follows *)
  whole : list (list Z * Z);
  bends : shape }.

Definition ratios (d : Z) (u : list Z * Z) : list R * R :=
  (map (fun w => IZR w / IZR d) (fst u), IZR (snd u) / IZR d).

Definition real_layer (L : whole_layer) : layer :=
  {| units := map (ratios (over L)) (whole L); activation := value (bends L) |}.

Definition real (N : list whole_layer) : network := map real_layer N.

(** ** Boxes and unsafe sets *)

Definition box := list (Z * Z).

(** Sides are whole numbers over [d]. *)
Definition in_box (d : Z) (B : box) (x : list R) : Prop :=
  Forall2 (fun b v => IZR (fst b) <= v * IZR d <= IZR (snd b)) B x.

(** A form of inputs and outputs is at least a number, or more than it. *)
Record constraint := {
  of_inputs : list Z;
  of_outputs : list Z;
  least : Z;
  strict : bool }.

Definition form_of (k : constraint) (x y : list R) : R :=
  dot (map IZR (of_inputs k)) x + dot (map IZR (of_outputs k)) y.

Definition holds (x y : list R) (k : constraint) : Prop :=
  if strict k then IZR (least k) < form_of k x y else IZR (least k) <= form_of k x y.

(** Some conjunction holds. *)
Definition unsafe (property : list (list constraint)) (x y : list R) : Prop :=
  Exists (Forall (holds x y)) property.
